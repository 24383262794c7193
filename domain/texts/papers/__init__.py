"""What documents say (文件): the month's book, letter and poster, the day's, the written order, the quarter's.

Builders are pure: they take figures that were computed elsewhere, name them, and add none of their own.
"""
