"""What is read and proved when the market is closed."""
