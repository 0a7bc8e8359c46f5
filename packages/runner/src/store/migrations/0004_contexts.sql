CREATE TABLE `contexts` (
	`trial` integer NOT NULL,
	`label` text NOT NULL,
	`keyword` text NOT NULL,
	`layer` integer NOT NULL,
	`occurrences` integer NOT NULL,
	`words` text NOT NULL,
	PRIMARY KEY(`trial`, `label`, `keyword`),
	FOREIGN KEY (`trial`) REFERENCES `trials`(`key`) ON UPDATE no action ON DELETE no action
);
