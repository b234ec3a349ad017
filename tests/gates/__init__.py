"""The safety gates measured, and the weights they use trained."""
