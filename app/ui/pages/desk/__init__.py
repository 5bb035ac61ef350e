"""The page operators live on: three cards, the course of this enrollment, and today's list."""
