"""Messages that leave the platform (e-mail, SMS, push) and notices to staff."""
