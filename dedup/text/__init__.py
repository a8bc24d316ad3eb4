"""Text as it is compared: normalised, cut into sentences, with its language and dates."""
