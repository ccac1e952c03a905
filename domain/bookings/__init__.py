"""Tables promised to guests: reservations, holds, availability, the waitlist and deposits."""
