//! What every function needs at its edge.
