"""One module per kind of channel: a message in, a receipt or a named error out."""
