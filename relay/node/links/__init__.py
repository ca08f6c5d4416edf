"""The process of the links (``process``), and how each kind of the settings is made."""
