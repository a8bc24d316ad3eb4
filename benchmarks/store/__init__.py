"""A store through its life: are its stories those of a batch run, what do age and size cost, what do kills leave."""
