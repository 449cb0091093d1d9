"""Takes the rows out of the parts of a workbook: openpyxl opens it, expat reads what is long."""
