"""Whether leaving feeds on itself: further exits from one exit, if the model is right, with bounds and placebos."""
