"""What code comes next; what should this be called; what looks unusual?"""
