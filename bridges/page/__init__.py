"""What the bridge ``feed`` is made of: an item, the folder of items, and how they look.

``item`` reads what the core signed; ``shelf`` keeps the files and their order; ``look`` makes the
page and the feeds from items, with the templates beside it. Nothing here speaks to a network.
"""
