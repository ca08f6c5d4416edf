"""The only code that connects outward."""
