"""Shared by the readers of Word, PowerPoint and Excel: the container, drawings, charts, diagrams, formulas."""
