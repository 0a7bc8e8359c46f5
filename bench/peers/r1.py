"""R1's MultiStepOpt and its single layer, rewritten: Adam, batches of 128, 30 epochs, ReduceLROnPlateau on each validation batch."""

import torch
from torch.utils.data import DataLoader, TensorDataset


class ByIndex:
    """Shuffled batches without a DataLoader: what a careful user of PyTorch would write."""

    def __init__(self, x, y, batch):
        self.x, self.y, self.batch = x, y, batch

    def __iter__(self):
        for rows in torch.randperm(len(self.x)).split(self.batch):
            yield self.x[rows], self.y[rows]


def loader(x, y, kind):
    if kind == "index":
        return ByIndex(x, y, 128)
    return DataLoader(TensorDataset(x, y), batch_size=128, shuffle=True)


def single_layer(x, y, roles, kind="loader", epochs=30):
    """Trains on the rows of role 1, validates on 2; returns the accuracy on 3."""
    parts = [loader(x[roles == role], y[roles == role], kind) for role in (1, 2, 3)]
    train, validation, test = parts
    classes = int(y.max()) + 1
    model = torch.nn.Linear(x.shape[1], 1 if classes == 2 else classes)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)
    if classes == 2:
        binary = torch.nn.BCEWithLogitsLoss()
        loss_of = lambda found, wanted: binary(found[:, 0], wanted)
    else:
        several = torch.nn.CrossEntropyLoss()
        loss_of = lambda found, wanted: several(found, wanted.long())
    losses = {"train": [], "validation": [], "test": []}
    for _ in range(epochs):
        for xs, ys in train:
            optimizer.zero_grad()
            loss = loss_of(model(xs), ys)
            loss.backward()
            optimizer.step()
            losses["train"].append(loss.item())
        with torch.no_grad():
            for xs, ys in validation:
                loss = loss_of(model(xs), ys).item()
                schedule.step(loss)
                losses["validation"].append(loss)
            for xs, ys in test:
                losses["test"].append(loss_of(model(xs), ys).item())
    with torch.no_grad():
        found = model(x[roles == 3])
        chosen = torch.sigmoid(found[:, 0]) > 0.5 if classes == 2 else found.argmax(1)
    return float((chosen == y[roles == 3]).float().mean())
