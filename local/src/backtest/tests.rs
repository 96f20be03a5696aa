//! Backtests of small histories.

use super::*;
