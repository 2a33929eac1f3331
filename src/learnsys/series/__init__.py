"""How do many irregularly sampled series move together, and who leads?"""
