"""What platforms publish of what may be asked of them, and whether a request is that.

One file a kind of document. Each has a class with ``flaws(asked)``: what in a request the document
does not have, a sentence each, in our words and without what was said in it. A name that is not
known is a flaw everywhere, also where the platform would pass over it in silence.
"""
