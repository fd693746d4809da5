"""Adding a case: a commented template, a guided dialogue with drafts, and writing so that nothing is ever half done."""
