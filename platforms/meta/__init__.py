"""What Messenger and Instagram share: signatures, the envelope of events, and the Graph API."""
