"""An SMTP server on one socket: ``listening`` serves it, whoever builds on it takes them in."""
