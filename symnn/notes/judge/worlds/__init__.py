"""What is known where a claim stands: the definitions in force, with settled shapes and the document's conventions."""
