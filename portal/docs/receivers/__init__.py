"""Functions that verify our webhooks, one file a language, made to be pasted. They import nothing of ours."""
