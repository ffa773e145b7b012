"""How is a regimen said in one sentence, and what does a sentence mean?"""
