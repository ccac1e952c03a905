"""Second factors of people: authenticator apps, passkeys, recovery codes, and what stands open while somebody proves one."""
