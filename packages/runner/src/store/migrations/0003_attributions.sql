CREATE TABLE `attributions` (
	`trial` integer NOT NULL,
	`row` integer NOT NULL,
	`target` text NOT NULL,
	`predicted` text NOT NULL,
	`logit` real,
	`residual` real,
	`tokens` text NOT NULL,
	`words` blob NOT NULL,
	`scores` blob,
	`layers` text,
	`layerScores` blob,
	`measures` text,
	`marks` text,
	`error` text,
	PRIMARY KEY(`trial`, `row`),
	FOREIGN KEY (`trial`) REFERENCES `trials`(`key`) ON UPDATE no action ON DELETE no action
);
