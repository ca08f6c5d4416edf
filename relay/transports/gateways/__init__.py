"""The phones and providers that bring SMS, one file each: bytes in, values out, no I/O."""
