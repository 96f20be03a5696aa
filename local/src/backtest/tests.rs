//! Backtests of small histories.
