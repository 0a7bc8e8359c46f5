CREATE TABLE `curves` (
	`trial` integer NOT NULL,
	`part` text NOT NULL,
	`metric` text NOT NULL,
	`evaluation` integer NOT NULL,
	`epoch` real NOT NULL,
	`step` integer NOT NULL,
	`value` real NOT NULL,
	PRIMARY KEY(`trial`, `part`, `metric`, `evaluation`),
	FOREIGN KEY (`trial`) REFERENCES `trials`(`key`) ON UPDATE no action ON DELETE no action
);
