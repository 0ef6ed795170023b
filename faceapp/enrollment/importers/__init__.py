"""Reading people's pictures from elsewhere: folders, tables, data sets. Nothing here looks at a face."""
