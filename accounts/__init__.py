"""What a partner owns: organisations, applications, credentials, webhook endpoints, logs, approvals."""
