"""A calibration from a user's own labels, and what it is worth: figures from articles that it was not fitted on.

```python
import dedup
from dedup.calibrate import collect_material, cross_validate, fit_with_labels, fit_without_labels, read_labelled

labelled = read_labelled(["labelled.jsonl"])
material = collect_material(labelled, dedup.TransformerEncoder(), max_sentences=12)
print(cross_validate(material, fit_without_labels(material)).with_labels.b_cubed)
calibration = fit_with_labels(material)
```
"""

from __future__ import annotations

from dedup.calibrate.folds import assign_folds
from dedup.calibrate.labelled import LabelledNews, read_labelled
from dedup.calibrate.material import Material, collect_material, fit_with_labels, fit_without_labels
from dedup.calibrate.trial import Figures, Trial, cross_validate

__all__ = [
    "Figures",
    "LabelledNews",
    "Material",
    "Trial",
    "assign_folds",
    "collect_material",
    "cross_validate",
    "fit_with_labels",
    "fit_without_labels",
    "read_labelled",
]
