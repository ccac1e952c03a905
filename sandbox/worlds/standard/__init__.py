"""The standard world: thirteen locations in as many currencies and zones with ninety days of history behind them."""
