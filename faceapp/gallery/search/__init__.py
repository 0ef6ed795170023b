"""How a large gallery is searched: fewer numbers first, the exact distances last."""
