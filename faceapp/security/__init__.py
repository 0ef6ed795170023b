"""The site's keys and the administrator's PIN: what must stay secret, and the files it lies in.

Knows nothing of doors, galleries or windows; `app/` hands the keys to those who need them.
"""
