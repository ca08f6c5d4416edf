"""Where DMARC's word on a mail comes from: the operator's own provider, or computed here."""
