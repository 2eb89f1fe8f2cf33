"""What the files of Word, PowerPoint and Excel share: the container, drawings, charts, diagrams, formulas."""
