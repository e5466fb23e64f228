"""Scripts that learn from the labelled corpus what the product ships as data files; the product never imports them."""
