"""Every sentence the bot says, one pure function each, a module per audience. Tone: fact, limit, next step; no blame."""
