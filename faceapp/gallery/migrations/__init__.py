"""The gallery's schema, revision by revision, run by `faceapp.gallery.migrate` when an older gallery is opened.

A new revision is a file `versions/rNNNN_what_it_does.py` with `revision = "NNNN"` and `down_revision` naming the one
before, `models.py` brought to the same schema, and `models.HEAD` raised. Revisions speak in their own words (`op`,
`sa`), never through `models`, which moves on. There is no way down: the copy kept before a migration is that way.
"""
