//! What every town must keep to.
