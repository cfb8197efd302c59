"""The recorder: reads the exchange's option chain on a wall-clock grid."""
