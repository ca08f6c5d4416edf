"""The entry: what a transport heard becomes a sealed row, and only the exit can open it again."""
