"""Opens, decides, posts. Each step reads one queue and leaves its result in the next."""
