"""What bridges to Google's services share, one concern a file.

``keyfile`` reads the secret file (a client and a refresh token), ``login`` leads the operator to
it, ``tokens`` keeps an access token fresh, ``api`` asks in its name, ``answers`` says what errors
in Google's shape mean.
"""
