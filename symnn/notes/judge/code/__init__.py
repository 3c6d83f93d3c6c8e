"""Claims in Python code: ``dW = dD.dot(X.T)`` says that this is the gradient by W, a comment says what a value becomes.

Code is parsed and read as formulas, never run.
"""
