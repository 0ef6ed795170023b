"""Who may open the door: the policy (pure), the door on its own thread, the audit log.

Knows nothing of cameras, networks, galleries or windows: `app/` hands in what was seen and who may do what.
"""
